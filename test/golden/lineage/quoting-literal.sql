select plan_id, name from plan where name = q'[it's; --]' and rownum = 1
