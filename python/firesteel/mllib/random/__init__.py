"""Answers to ``pyspark.mllib.random``."""
