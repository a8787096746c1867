"""Answers to ``pyspark.mllib.stat``."""
