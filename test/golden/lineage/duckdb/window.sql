select plan_id, step_no, lag(step_no) over (partition by plan_id order by step_no) as before, rank() over (order by note) as place from plan_step
