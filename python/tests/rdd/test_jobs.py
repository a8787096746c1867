"""Local properties, tags, groups, cancelling, the status tracker and the task context."""

import re
import threading
import time

import pytest
from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark import InheritableThread, TaskContext, inheritable_thread_target
from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkException, PythonException


def property_in_task(sc, key):
    return sc.parallelize([0]).map(lambda _: TaskContext.get().getLocalProperty(key)).first()


def test_local_properties_belong_to_a_thread(sc):
    sc.setLocalProperty("test.a", "1")
    assert (sc.getLocalProperty("test.a"), property_in_task(sc, "test.a")) == ("1", "1")
    seen = []
    for kind in (threading.Thread, InheritableThread):
        thread = kind(target=lambda: seen.append((sc.getLocalProperty("test.a"), property_in_task(sc, "test.a"))))
        thread.start()
        thread.join()
    assert seen == [(None, None), ("1", "1")]
    sc.setLocalProperty("test.a", None)
    assert (sc.getLocalProperty("test.a"), property_in_task(sc, "test.a")) == (None, None)


def test_threads_inherit_what_there_was(sc, session):
    sc.addJobTag("early")
    sc.setLocalProperty("test.b", "early")
    seen = {}

    def look(name):
        seen[name] = (sc.getJobTags(), sc.getLocalProperty("test.b"))
        sc.addJobTag("own")

    bare = inheritable_thread_target(lambda: look("bare"))
    given = inheritable_thread_target(session)(lambda: look("given"))
    late = InheritableThread(target=look, args=("thread",), session=session)
    sc.clearJobTags()
    sc.setLocalProperty("test.b", "late")
    for thread in (threading.Thread(target=bare), threading.Thread(target=given), late):
        thread.start()
        thread.join()
    assert seen == {"bare": ({"early"}, "early"), "given": ({"early"}, "early"), "thread": (set(), "late")}
    assert sc.getJobTags() == set()
    sc.setLocalProperty("test.b", None)


def test_tags(sc):
    sc.addJobTag("one")
    sc.addJobTag("two")
    sc.removeJobTag("one")
    sc.removeJobTag("never there")
    assert sc.getJobTags() == {"two"}
    sc.clearJobTags()
    assert sc.getJobTags() == set()


@pytest.mark.parametrize(
    ("mark", "cancel", "sentence"),
    [
        (
            lambda sc: sc.setJobGroup("group, with comma", "text"),
            lambda sc: sc.cancelJobGroup("group, with comma"),
            "part of cancelled job group group, with comma",
        ),
        (lambda sc: sc.addJobTag("tag"), lambda sc: sc.cancelJobsWithTag("tag"), "part of cancelled job tags tag"),
        (lambda sc: None, lambda sc: sc.cancelAllJobs(), "as part of cancellation of all jobs"),
    ],
    ids=["group", "tag", "all"],
)
def test_cancelling(sc, mark, cancel, sentence):
    outcome = []

    def run():
        mark(sc)
        try:
            outcome.append(sc.parallelize(range(2), 2).map(lambda _: time.sleep(60)).collect())
        except Py4JJavaError as error:
            outcome.append(error)

    thread = InheritableThread(target=run)
    thread.start()
    deadline = time.monotonic() + 30
    while thread.is_alive() and time.monotonic() < deadline:
        # Until the server knows of the job there is nothing to cancel.
        cancel(sc)
        thread.join(0.3)
    assert [type(each) for each in outcome] != [list]
    assert isinstance(outcome[0], PySparkException)
    # Spark's text but for the number; real Spark Connect may show its stack behind it.
    text = f"[SPARK_JOB_CANCELLED] Job N cancelled {sentence} SQLSTATE: XXKDA"
    shown = str(outcome[0]).partition("\n\nJVM stacktrace")[0]
    assert re.sub("Job [0-9]+", "Job N", shown) == text
    assert outcome[0].java_exception.toString().startswith("org.apache.spark.SparkException: [SPARK_JOB_CANCELLED]")
    assert sc.parallelize(range(4)).sum() == 6


def failing(action, session):
    try:
        action(session.sparkContext.parallelize([1, 0], 1).map(lambda x: 1 // x))
    except Py4JJavaError as error:
        return error


@pytest.mark.parametrize(
    "action",
    [
        lambda rdd: rdd.collect(),
        lambda rdd: rdd.foreach(print),
        lambda rdd: list(rdd.toLocalIterator()),
        lambda rdd: rdd.map(lambda x: (x, x)).reduceByKey(max).count(),
        lambda rdd: rdd.cache().count(),
    ],
)
def test_failed_jobs_are_errors_of_java_and_of_python(session, action):
    error = failing(action, session)
    assert isinstance(error, PythonException)
    assert "ZeroDivisionError" in str(error)
    assert "ZeroDivisionError" in error.java_exception.getMessage()
    assert error.java_exception.getClass().getName() == "org.apache.spark.SparkException"
    assert issubclass(Py4JJavaError, Py4JError)
    assert not isinstance(error, Py4JNetworkError)


def test_errors_of_frames_stay(session):
    with pytest.raises(AnalysisException) as caught:
        session.sql("select missing").collect()
    assert not isinstance(caught.value, Py4JJavaError)


@pytest.mark.parametrize("partition", [3, -1])
def test_partitions_that_are_none(sc, partition):
    with pytest.raises(IllegalArgumentException) as caught:
        sc.runJob(sc.parallelize(range(6), 3), list, [0, partition])
    sentence = f"Attempting to access a non-existent partition: {partition}. Total number of partitions: 3"
    assert str(caught.value) == sentence


def test_tags_that_are_none(sc):
    for tag, text in [(None, "cannot be null."), ("", "cannot be an empty string."), ("a,b", "cannot contain ','.")]:
        for call in (sc.addJobTag, sc.removeJobTag, sc.cancelJobsWithTag):
            with pytest.raises(IllegalArgumentException) as caught:
                call(tag)
            assert str(caught.value) == f"Spark job tag {text}"


def test_status_tracker(sc):
    tracker = sc.statusTracker()
    sc.setJobGroup("status", "text")
    before = set(tracker.getJobIdsForGroup("status"))
    running = threading.Event()
    seen = []
    tasks = []

    def look():
        running.wait()
        for _ in range(2000):
            # Real Spark shows a job a little before its stage.
            active, stages = tracker.getActiveJobsIds(), tracker.getActiveStageIds()
            if active and stages:
                seen.append((active, stages, tracker.getJobInfo(active[0])))
                tasks.extend(stage.numActiveTasks for stage in map(tracker.getStageInfo, stages))
                return
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    running.set()
    sc.parallelize(range(3), 3).map(lambda _: time.sleep(0.4)).count()
    thread.join()
    ((active, stages, info),) = seen
    # Two slots; real Spark may not have begun yet.
    assert max(tasks, default=0) <= 2
    (job,) = set(tracker.getJobIdsForGroup("status")) - before
    assert active == [job]
    assert (info.jobId, info.stageIds, info.status) == (job, stages, "RUNNING")
    assert tracker.getJobInfo(job).status == "SUCCEEDED"
    stage = tracker.getStageInfo(stages[0])
    assert (stage.numTasks, stage.numActiveTasks, stage.numCompletedTasks, stage.numFailedTasks) == (3, 0, 3, 0)
    with pytest.raises(PySparkException):
        sc.parallelize([0]).map(lambda x: 1 / x).count()
    last = max(tracker.getJobIdsForGroup("status"))
    assert tracker.getJobInfo(last).status == "FAILED"
    assert tracker.getActiveJobsIds() == []
    assert tracker.getJobInfo(10**6) is None
    assert tracker.getStageInfo(10**6) is None
    assert tracker.getExecutorInfos()


def test_task_context(sc):
    def look(index, _items):
        context = TaskContext.get()
        yield (
            index,
            context.partitionId(),
            context.attemptNumber(),
            context.taskAttemptId(),
            context.stageId() >= 0,
            context.cpus(),
            context.resources(),
        )

    seen = sc.parallelize(range(3), 3).mapPartitionsWithIndex(look).collect()
    assert [(index, partition, attempt) for index, partition, attempt, *_ in seen] == [(0, 0, 0), (1, 1, 0), (2, 2, 0)]
    assert len({attempt_id for _, _, _, attempt_id, *_ in seen}) == 3
    assert {tuple(rest[:2]) for *_, rest in [(0, each[4:]) for each in seen]} == {(True, 1)}
    behind_shuffle = sc.parallelize([(i, i) for i in range(9)], 2).partitionBy(3)
    assert behind_shuffle.mapPartitions(lambda _: [TaskContext.get().partitionId()]).collect() == [0, 1, 2]
    assert TaskContext.get() is None
