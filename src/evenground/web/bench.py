"""Asks the worker: starts it for one run at a time, waits for it, and gives up in time."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Literal

Plain = dict[str, Any]
State = Literal["off", "loading", "ready"]

PATIENCE_S = 120.0
"""Longest time for one answer."""


@dataclass
class _Worker:
    """A process that computes plans of one run."""

    folder: Path
    process: subprocess.Popen[str]
    answers: "Queue[Plain | None]" = field(default_factory=Queue)
    state: State = "loading"
    fault: str = ""
    budgets: list[Plain] = field(default_factory=list)
    """Budgets of the run, with ``name`` and ``limit`` in euros."""

    def listen(self) -> None:
        """Pass on every answer; nothing more comes once the process has ended."""
        if self.process.stdout is not None:
            for line in self.process.stdout:
                answer = json.loads(line)
                if self.state == "loading":
                    self.budgets = answer.get("budgets", [])
                    self.state = "ready" if answer.get("ready") else "off"
                    self.fault = str(answer.get("fault", ""))
                else:
                    self.answers.put(answer)
        self.state = "off"
        self.answers.put(None)


@dataclass
class Desk:
    """Where pages ask for plans to be computed; one run has a worker at a time."""

    data: Path | None = None
    """Folder of the data of the runs; absent = only the embedded town can be computed."""
    _worker: _Worker | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def state(self, folder: Path) -> tuple[State, str]:
        """Return how far the worker of a run is, and why it stopped."""
        worker = self._worker
        if worker is None or worker.folder != folder:
            return "off", ""
        return worker.state, worker.fault

    def budgets(self, folder: Path) -> list[Plain]:
        """Return the budgets of a run, which its worker knows; nothing until it is ready."""
        worker = self._worker
        return [] if worker is None or worker.folder != folder else worker.budgets

    def start(self, folder: Path) -> None:
        """Start the worker of a run, unless it is there; one of another run ends."""
        with self._lock:
            if self._worker is not None:
                if self._worker.folder == folder and self._worker.state != "off":
                    return
                self._end(self._worker)
            command = [sys.executable, "-m", "evenground.web.worker", str(folder)]
            command += [str(self.data)] if self.data is not None else []
            process = subprocess.Popen(  # noqa: S603 - our own module, and folders that were checked
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
            self._worker = _Worker(folder, process)
            threading.Thread(target=self._worker.listen, daemon=True).start()

    def ask(self, folder: Path, question: Plain) -> Plain:
        """Return the answer of the worker, or ``fault`` in its place."""
        with self._lock:
            worker = self._worker
            if worker is None or worker.folder != folder or worker.state != "ready":
                return {"fault": "Het rekenmodel staat niet klaar."}
            pipe = worker.process.stdin
            try:
                if pipe is not None:
                    pipe.write(json.dumps(question) + "\n")
                    pipe.flush()
                answer = worker.answers.get(timeout=PATIENCE_S)
            except (OSError, Empty):
                answer = None
            if answer is None:
                self._end(worker)
                return {"fault": "Het rekenmodel is gestopt. Start het opnieuw."}
            return answer

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._worker is not None:
                self._end(self._worker)

    def _end(self, worker: _Worker) -> None:
        """End a process and wait for it."""
        worker.state = "off"
        worker.process.kill()
        worker.process.wait()
        for pipe in (worker.process.stdin, worker.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        if self._worker is worker:
            self._worker = None
