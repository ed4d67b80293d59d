select * from plan_step natural join plan
