select * from delta_scan('s3://lake/weather')
