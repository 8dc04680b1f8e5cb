"""What moto's objects do over time once something has to happen for them: one file for each service.

moto makes everything be at once what it is to become. A file here gives the objects of its service the states between,
and remembers on them, in attributes named ``stairway_*``, what the bodies have to know.
"""
