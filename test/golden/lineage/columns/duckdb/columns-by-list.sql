select columns(['ENTRY', 'UNITS']) from result
