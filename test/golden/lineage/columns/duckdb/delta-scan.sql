select w.location, avg(w.temp_max) as temperature from delta_scan('s3://lake/weather') w group by w.location
