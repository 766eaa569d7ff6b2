"""How web processes run: those of `make run` and those that `make load` measures.

WEB_CONCURRENCY, gunicorn's own variable, is their number; one if it is not set, which is right
for SQLite: it has one writer at a time, and threads wait cheaply. With PostgreSQL one process
for each core, because a Python process uses no more than one.
"""

# Many: browsers open spare connections, and each holds a thread for five seconds.
threads = 32
graceful_timeout = 5
# Two instances on one machine would fight over it.
control_socket_disable = True
loglevel = "warning"
