"""The channels, one file or folder each; `table` lists them. (Nothing is imported here: mail is parsed in processes
that load this package and little else.)"""
