"""The explorer's data: what a script needs to set any cycle of a run into the page of one."""
