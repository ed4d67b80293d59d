select method_id, count(*) as steps from plan_step group by method_id
