select * from (select plan_id, step_no, note from plan_step) pivot (max(note) for step_no in (1 as one, 2 as two))
