"""The contracts as files: JSON Schemas, `asyncapi.yaml`, an example of each, and what may change in a released one."""
