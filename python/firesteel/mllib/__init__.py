"""``pyspark.mllib`` without a JVM: what the client's own classes ask of Java, answered in Python.

PySpark's classes under ``pyspark.mllib`` run as they are. They ask Java for three things, and only these are ours:

=================================== ==================================================================================
``callMLlibFunc(name, *args)``      a function of the family's file (``FUNCTIONS`` of the modules in `registry`)
``sc._jvm.org.apache.spark.mllib…`` a class (``CLASSES`` of the same modules)
a Java object, and its methods      a `java.ModelObject` whose methods have Java's names
=================================== ==================================================================================

``pyspark.mllib.common``, through which they ask, is `common` here. Arguments and answers are plain Python: RDDs, frames,
``pyspark.mllib.linalg`` and numbers; nothing is converted on the way.

Training goes to the server as an estimator of ``pyspark.ml`` wherever there is one (`frames` makes the frame), as in Spark
itself; what ``pyspark.ml`` lacks (gradient descent of the older linear models, distributed matrices, density estimates)
is NumPy over RDDs here. Functions that run in workers live in `worker`, which imports nothing but NumPy, PySpark and its
siblings.
"""
