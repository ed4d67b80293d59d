select * exclude (owner_id, created) from plan
