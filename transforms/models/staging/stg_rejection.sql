select distinct
    workspace_id,
    batch_id,
    source,
    source_file,
    source_line,
    column_name,
    reason,
    raw,
    observed_at
from {{ source('raw', 'rejection') }}
where {{ known('observed_at') }}
