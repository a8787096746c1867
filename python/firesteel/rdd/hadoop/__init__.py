"""Hadoop's files without Hadoop: what RDDs read and write, one format a file.

Runs in the driver (`paths`, `splits`, `committer`) and in workers (everything that opens a file). Workers of real
Spark do not have this package: functions travel by value, so nothing here keeps state in a module or an object that
cannot be pickled. Only local paths are known (``/path``, ``file:/path``, ``file:///path``): the driver lists files,
the workers open them, both on the machine of the server.

================== ==================================================================================
module             answers
================== ==================================================================================
paths              which files a path means: comma lists, globs, directories, hidden files
splits             which part of which file each partition reads
file_leaf          the partitions of an RDD of files
text_lines         lines of a split, as Hadoop's ``LineRecordReader``
bzip2_blocks       lines of a part of a ``.bz2`` file
keyed_lines        lines with offsets, or cut into key and value; splits of N lines
whole_files        files as a whole, with their names
fixed_records      records of one length
sequence_reader    records of a ``SequenceFile``
sequence_writer    the same, to write
writables          Hadoop's ``Writable`` classes and Python values, both ways
varint             Hadoop's integers of variable length
pickled_batches    the object files of ``saveAsPickleFile``
java_objects       Java's serialised arrays of bytes, in which pickled RDDs lie
codecs             compression by Hadoop's class names and file endings
java_text          how Java prints values, for text output
job_conf           the settings of a Hadoop job, under new and old names
input_formats      Hadoop's input format classes by name
output_formats     Hadoop's output format classes by name, and the files that tasks write
committer          output directories that a failed or repeated task leaves clean
errors             what goes wrong, in Hadoop's and Spark's words
================== ==================================================================================
"""
