#!/bin/sh
# What one of the container's users stores is for the other too, and for nobody else.
umask 0007
exec "$@"
