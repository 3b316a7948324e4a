"""`make bench ENGINE=kafka`: a process per service on a real broker, each figure beside a bare reference of the same run."""
