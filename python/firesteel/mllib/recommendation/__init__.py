"""Answers to ``pyspark.mllib.recommendation``."""
