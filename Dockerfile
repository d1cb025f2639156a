# One image for every part; compose.yaml says which part runs what. Alone, it runs everything with PostgreSQL inside:
#   docker build -t tieout . && docker run --init --rm -p 127.0.0.1:8501:8501 -v tieout:/data tieout
FROM python:3.13-slim

RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin tieout \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . .
RUN python -m compileall -q app.py asgi.py sidecar.py checks pages recon

USER 10001
VOLUME /data
ENV RECON_HOME=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "recon", "up"]
