-- A post that has topics has exactly one primary topic.
select workspace_id, platform, account_id, post_id
from {{ ref('mart_post_topics') }}
group by workspace_id, platform, account_id, post_id
having count(case when is_primary then 1 end) <> 1
