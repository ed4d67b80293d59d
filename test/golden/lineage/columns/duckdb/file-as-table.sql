select f.city, f.temp from 'weather/*.parquet' f where f.day > date '2020-01-01'
