select
    workspace_id,
    batch_id,
    source,
    source_file,
    source_line,
    column_name,
    reason,
    raw
from {{ ref('stg_rejection') }}
