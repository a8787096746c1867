"""Local properties, tags, groups, cancelling, the status tracker and the task context."""

import threading
import time

import pytest
from pyspark import InheritableThread, TaskContext, inheritable_thread_target
from pyspark.errors import PySparkException


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
    ("mark", "cancel"),
    [
        (lambda sc: sc.setJobGroup("group, with comma", "text"), lambda sc: sc.cancelJobGroup("group, with comma")),
        (lambda sc: sc.addJobTag("tag"), lambda sc: sc.cancelJobsWithTag("tag")),
        (lambda sc: None, lambda sc: sc.cancelAllJobs()),
    ],
    ids=["group", "tag", "all"],
)
def test_cancelling(sc, mark, cancel):
    outcome = []

    def run():
        mark(sc)
        try:
            outcome.append(sc.parallelize(range(2), 2).map(lambda _: time.sleep(60)).collect())
        except PySparkException as error:
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
    assert sc.parallelize(range(4)).sum() == 6


def test_status_tracker(sc):
    tracker = sc.statusTracker()
    sc.setJobGroup("status", "text")
    before = set(tracker.getJobIdsForGroup("status"))
    running = threading.Event()
    seen = []

    def look():
        running.wait()
        for _ in range(200):
            active = tracker.getActiveJobsIds()
            if active:
                seen.append((active, tracker.getActiveStageIds(), tracker.getJobInfo(active[0])))
                return
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    running.set()
    sc.parallelize(range(3), 3).map(lambda _: time.sleep(0.4)).count()
    thread.join()
    ((active, stages, info),) = seen
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
