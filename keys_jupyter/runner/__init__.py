"""The only starter of kernels: one spawner process, a child per run, the truth about every cell.

::

    server or command line           spawner                       child, one per run
    spawner.Runner  ── JSON lines ─► __main__ / forking.Spawner ─► child.execute
          ▲                              │ reaps, ends strays         │ kernel, capture, journal
          └────── hints, exits ──────────┘                            ▼
                                                     journal.jsonl, output.txt, executed.ipynb

What is *not* here: choosing what to run and preparing its folder (the service does), and the table of runs
(the store keeps it; a child only tells it each transition).
"""
