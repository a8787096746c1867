"""Answers to ``pyspark.mllib.evaluation``."""
