select * from plan join plan_step using (plan_id)
