select sample_number, analysis, entry from result qualify row_number() over (partition by sample_number, analysis order by changed_on desc) = 1
