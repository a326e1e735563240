"""Jobs that wait for their turn: lanes take turns, and within a lane the first asked for goes first.

The lane that was served longest ago is next, so that ten runs of one batch do not keep one run of another waiting.
What is *not* here: starting anything, and locks.
"""

from __future__ import annotations

from keys_jupyter.runner.job import Job


class Queue:
    """Jobs in the order they came, handed out fairly."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._served: dict[str, int] = {}
        self._turns = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job) -> None:
        """Let a job wait."""
        if all(other.lane != job.lane for other in self._jobs):
            # A lane that comes back has no claim to the turns it was not there for.
            self._served[job.lane] = max(self._served.get(job.lane, 0), self._turns - 1)
        self._jobs.append(job)

    def take(self) -> Job:
        """Hand out the job whose turn it is; there must be one."""
        job = _next(self._jobs, self._served)
        self._jobs.remove(job)
        self._turns += 1
        self._served[job.lane] = self._turns
        return job

    def remove(self, run_id: str) -> Job | None:
        """Take a job out before its turn."""
        for job in self._jobs:
            if job.run_id == run_id:
                self._jobs.remove(job)
                return job
        return None

    def empty(self) -> list[Job]:
        """Take all jobs out."""
        jobs, self._jobs = self._jobs, []
        return jobs

    def order(self) -> list[str]:
        """Return the ids of all waiting jobs in the order of their turns, as things stand."""
        jobs, served, turns = list(self._jobs), dict(self._served), self._turns
        ids = []
        while jobs:
            job = _next(jobs, served)
            jobs.remove(job)
            turns += 1
            served[job.lane] = turns
            ids.append(job.run_id)
        return ids

    def rest(self) -> None:
        """Forget whose turn it was; nothing runs and nothing waits."""
        self._served.clear()
        self._turns = 0


def _next(jobs: list[Job], served: dict[str, int]) -> Job:
    # `min` takes the first of equals, so within a lane and among new lanes the order of asking decides.
    return min(jobs, key=lambda job: served.get(job.lane, 0))
