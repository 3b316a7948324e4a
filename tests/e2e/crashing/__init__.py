"""Crash proof: the running desk killed at every named point and at random, clients that retry, and the judgement after."""
