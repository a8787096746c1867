"""Answers to ``pyspark.mllib.feature``."""
