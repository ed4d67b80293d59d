select * from plan
