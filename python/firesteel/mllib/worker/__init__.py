"""What runs in workers: NumPy, PySpark and one another, nothing else. `firesteel.rdd.shipping` lists these modules."""
