"""How web processes run: those of `make run` and those that `make load` measures.

WEB_CONCURRENCY, gunicorn's own variable, is their number; one if it is not set, which is right
for SQLite: it has one writer at a time, and threads wait cheaply. With PostgreSQL one process
for each core, because a Python process uses no more than one.
"""

import gc

# Many: browsers open spare connections, and each holds a thread for five seconds.
threads = 32
graceful_timeout = 5
# Two instances on one machine would fight over it.
control_socket_disable = True
loglevel = "warning"


def post_worker_init(worker: object) -> None:
    """What was loaded stays for ever: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
