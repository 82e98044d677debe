"""The event log in a program that others wrote: `make interop`, in an environment of its own."""
