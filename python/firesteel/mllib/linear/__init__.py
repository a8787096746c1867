"""Linear models, isotonic regression and naive Bayes: ``pyspark.mllib.regression`` and ``classification``."""
