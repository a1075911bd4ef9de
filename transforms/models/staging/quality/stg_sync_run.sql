select
    workspace_id,
    sync_id,
    source,
    platform,
    account_id,
    account_name,
    stream,
    window_start,
    window_end,
    started_at,
    finished_at,
    status,
    contents,
    observations,
    rejections,
    message,
    every_hours
from {{ source('raw', 'sync_run') }}
where {{ known('started_at') }}
