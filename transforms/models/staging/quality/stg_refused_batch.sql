select
    workspace_id,
    batch_id,
    source,
    source_file,
    reason,
    observed_at,
    landed_at
from {{ source('raw', 'refused_batch') }}
where {{ known('landed_at') }}
