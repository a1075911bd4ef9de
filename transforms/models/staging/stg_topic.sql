select
    workspace_id,
    topic,
    keywords,
    method
from {{ source('raw', 'topic') }}
