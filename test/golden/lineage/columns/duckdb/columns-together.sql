select coalesce(*columns(['ENTRY', 'UNITS'])) as something from result
