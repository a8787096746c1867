"""Distributed matrices: what ``pyspark.mllib.linalg.distributed`` calls. Each is NumPy over an RDD of its pieces."""
