select p.id, p.amount, s.status from read_parquet(['s3://lake/a.parquet', 's3://lake/b.parquet'], hive_partitioning = true) p join sample s on s.sample_number = p.id
