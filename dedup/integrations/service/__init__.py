"""The HTTP service: one process that speaks HTTP, processes that check, and one that writes.

::

    HTTP ──► gate ──► routes ──► readers ──► N processes, each with the index open for reading
    (protocol)  (limits)   (app)    └──► writer ──► one process with it open for writing

The process that speaks HTTP holds no article and does no comparing: it refuses what is too much,
lets the rest wait in queues of bounded length, and hands it on through pipes. What arrives for the
writer while it commits is committed together next, and acknowledged only then.
"""
