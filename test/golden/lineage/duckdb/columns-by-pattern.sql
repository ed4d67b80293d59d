select columns('.*_id'), name from plan
