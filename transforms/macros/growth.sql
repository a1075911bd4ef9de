{#-
    How tables grow with what was received, and what they hold to: a build takes in the batches that no build before it
    has finished with (int_batches_pending), recomputes the posts those batches speak of (int_posts_touched) and notes
    the batches as taken (int_batches_taken) when everything else is done. A build that stops half-way has noted nothing,
    so the next one takes the same batches again; every pick is a maximum over a total order, so taking a batch twice
    changes nothing.
-#}

{% macro grows() -%}
    {#-
        Whether this model adds to what it already holds. A first build, a full refresh, a build as of an earlier instant
        and one that finds no note of what was taken in start from nothing. True while dbt parses, so that it sees every
        `ref` behind the condition.
    -#}
    {{ return(not execute or (is_incremental() and earlier('int_batches_taken') is not none)) }}
{%- endmacro %}


{% macro post_key() -%}
    {{ return(['workspace_id', 'platform', 'account_id', 'post_id']) }}
{%- endmacro %}


{% macro pending(row) -%}
    {#- Condition: the row came in with a batch that is still to be taken in. -#}
    exists (
        select 1
        from {{ ref('int_batches_pending') }} as pending
        where {{ row }}.workspace_id = pending.workspace_id and {{ row }}.batch_id = pending.batch_id
    )
{%- endmacro %}


{% macro touched(row, post='post_id', reread=none) -%}
    {#- Condition: the row's post is recomputed in this build; `reread` narrows it to posts that are (not) read anew. -#}
    exists (
        select 1
        from {{ ref('int_posts_touched') }} as touched
        where
            {{ row }}.workspace_id = touched.workspace_id
            and {{ row }}.platform = touched.platform
            and {{ row }}.account_id = touched.account_id
            and {{ row }}.{{ post }} = touched.post_id
            {%- if reread is not none %}
            and {{ 'touched.reread' if reread else 'not touched.reread' }}
            {%- endif %}
    )
{%- endmacro %}


{% macro earlier(model) -%}
    {#- A relation as the build before this one left it, or nothing. Named without `ref`: it depends on the caller. -#}
    {% if not execute or flags.FULL_REFRESH or var('as_known_at', none) -%}
        {{ return(none) }}
    {%- endif %}
    {{ return(adapter.get_relation(database=this.database, schema='intermediate', identifier=model)) }}
{%- endmacro %}


{% macro named_fields(fields) -%}
    {#- One value made of named parts, compared part by part: `max` over it picks the newest of several rows. -#}
    {{ return(adapter.dispatch('named_fields')(fields)) }}
{%- endmacro %}

{% macro default__named_fields(fields) -%}
    struct_pack(
        {%- for name, value in fields.items() %}{{ name }} := {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro spark__named_fields(fields) -%}
    named_struct(
        {%- for name, value in fields.items() %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro fingerprint(columns) -%}
    {#- An integer of 64 bits made of the columns: equal where they are, and hardly ever where they are not. -#}
    {{ return(adapter.dispatch('fingerprint')(columns)) }}
{%- endmacro %}

{% macro default__fingerprint(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__fingerprint(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{% macro grown() -%}
    {#- Materialisation of a table that grows with what was received; Spark makes it anew. -#}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}


{% macro forget_touched() -%}
    {#- Deletes the rows of the posts that are recomputed, in the transaction that writes them again. -#}
    {%- if grows() -%}
        delete from {{ this }} as held where {{ touched('held') }}
    {%- else -%}
        {{ forget_all() }}
    {%- endif -%}
{%- endmacro %}


{% macro forget_all() -%}
    {#- Deletes what a table holds when it cannot be added to. -#}
    {%- if is_incremental() and not grows() -%}
        delete from {{ this }}
    {%- endif -%}
{%- endmacro %}
