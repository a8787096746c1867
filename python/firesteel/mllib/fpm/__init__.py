"""Answers to ``pyspark.mllib.fpm``."""
